-- Spellings that were looked up by hand: each means this region, or (null) may mean several.
with wanted as (
    {% for name, code in [
        ('上海市普陀区', '310107'),
        ('普陀区', none),
        ('舟山市普陀区', '330903'),
        ('江苏省', '320000'),
        ('平泉市', '130881'),
        ('平泉县', '130823'),
        ('河北省平泉市', '130881'),
        ('大厂回族自治县', '131028'),
        ('廊坊市大厂回族自治县', '131028'),
        ('襄樊市襄城区', '420602'),
        ('襄阳市', '420600'),
        ('鼓楼区', none),
        ('矿区', none),
        ('密云县', '110228'),
        ('北京市密云区', '110118'),
        ('承德高新技术产业开发区', '130811'),
    ] -%}
        select
            '{{ name }}' as spelled_name,
            {{ "cast(null as string)" if code is none else "'" ~ code ~ "'" }} as region_code
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
)

select
    wanted.spelled_name,
    wanted.region_code,
    found.region_code as found_code
from wanted
left join {{ ref('int_region_name') }} as found on wanted.spelled_name = found.spelled_name
where wanted.region_code is distinct from found.region_code
