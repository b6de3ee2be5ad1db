{#- Which way an indicator improves by its name (lexicon of domain.md §4): 'higher', 'lower', null if it does not say.
    A rate of doing well decides over the noun before it: 故障修复率 rises although 故障 falls. A time is never a rate:
    响应及时率 in hours says nothing. A falling noun counts only near the end of the name, where the head of the phrase
    stands (值班费用天数 are days), and not after 无. -#}
{% macro name_direction(name, unit) -%}
    {%- set good_rate = '(?:完成|达成|达标|合格|优良|满意|认可|覆盖|破案|结案|办结|准确|及时|到位|在线|正常|使用|利用|执行|支付|拨付|发放|参与|参训'
        ~ '|知晓|普及|受益|通过|验收|出勤|巡检|备份|满足|维护|响应|解决|处理|处置|整改|修复|排查|查处|管控|可控'
        ~ '|节约|降低|减低|下降|减少|压减)率|满意度|可控' -%}
    {%- set near_end = '[^,，。;；、]{0,8}$' -%}
    {%- set falling = '(?:成本|费用|超支)' ~ near_end -%}
    {%- set falling_unless_handled = '(?:^|[^无零])(?:投诉|事故|故障|失误|差错|发案|案发|失联|积压|伤亡|死亡|损坏|逾期)' ~ near_end -%}
    {#- What is handled is counted upwards: 受理投诉数量. -#}
    {%- set handled = '处理|处置|办理|受理|解决|查处|化解|调解|清理' -%}
    {%- set supplied = '(?:接入|覆盖|新增|受益|支撑|建设|安装)[^率]*(?:数|数量)$' -%}
    case
        when
            {{ rx_matches(name, good_rate) }}
            and coalesce({{ unit }}, '') not in ('秒', '分钟', '小时', '天', '日', '工作日', '个工作日', '周', '月', '个月', '年')
            then 'higher'
        when {{ rx_matches(name, falling) }} and not {{ rx_matches(name, '(?:天数|人数|人次|次数)$') }} then 'lower'
        when {{ rx_matches(name, falling_unless_handled) }} and not {{ rx_matches(name, handled) }} then 'lower'
        when {{ rx_matches(name, supplied) }} then 'higher'
    end
{%- endmacro %}
