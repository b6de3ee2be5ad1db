{#- A parsed number and its unit in yuan; null where either is unknown. The number is narrowed before the product,
    because decimal(38,8) times a factor leaves the range of decimals. -#}
{% macro amount_yuan(number, unit) -%}
    try_cast(
        round(try_cast({{ number }} as decimal(26, 8)) * {{ amount_unit_factor(unit) }}, 2) as decimal(20, 2)
    )
{%- endmacro %}
