{#- Factor from a money unit to yuan; null for an unknown unit, so that an amount without one never looks like yuan. -#}
{% macro amount_unit_factor(unit_expr) -%}
    cast(
        case replace({{ to_halfwidth(unit_expr) }}, ' ', '')
            when '元' then 1
            when '千元' then 1000
            when '万元' then 10000
            when '百万元' then 1000000
            when '亿元' then 100000000
        end as decimal(9, 0)
    )
{%- endmacro %}
