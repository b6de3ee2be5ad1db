{#- Units of measure behind a number, as an alternation for a pattern (longer words first: the first match wins).
    The list of domain.md §4 and those met in published forms; a word that is not here leaves a cell unparsed,
    not wrong. 年, 月 and 日 are left out: behind a bare number they are mostly a date, which parse_target reads. -#}
{% macro unit_words() -%}
    {%- set words = [
        '%%', '%', '‰', '个百分点', '百分点', '百分比',
        '元每人每月', '元每人每年', '元每人次', '元/人/月', '元/人/年', '元/人·月', '元/人次', '元/人', '元/月', '元/年',
        money_unit_words(),
        '小时', '分钟', '秒', '个工作日', '工作日', '个月', '个季度', '季度', '天', '周',
        '万平方米', '平方米', '平方公里', '平米', '㎡', '立方米', '公里', '千米', '米', '公顷', '万亩', '亩',
        '公斤', '千克', '万吨', '吨', '千瓦时', '千瓦', '度', '倍', '岁',
    ] -%}
    {{- words | join('|') }}|{{ counting_words() }}|亿|万
{%- endmacro %}
