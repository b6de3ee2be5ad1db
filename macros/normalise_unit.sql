{#- One spelling of a printed unit: %% and 百分比 are %; 万 and 亿 of a cost are money. Null for ''. -#}
{% macro normalise_unit(expr, is_cost) -%}
    case {{ expr }}
        when '' then null
        when '%%' then '%'
        when '百分比' then '%'
        when '万' then case when {{ is_cost }} then '万元' else '万' end
        when '亿' then case when {{ is_cost }} then '亿元' else '亿' end
        else {{ expr }}
    end
{%- endmacro %}
