{#- Yuan as a number of 元, 千元, 万元, 百万元 or 亿元, exactly (a division would leave decimals); null for an unknown unit. -#}
{% macro amount_in_unit(yuan, unit) -%}
    cast(
        cast({{ yuan }} as decimal(26, 8)) * case {{ unit }}
            when '元' then cast(1 as decimal(9, 8))
            when '千元' then cast(0.001 as decimal(9, 8))
            when '万元' then cast(0.0001 as decimal(9, 8))
            when '百万元' then cast(0.000001 as decimal(9, 8))
            when '亿元' then cast(0.00000001 as decimal(9, 8))
        end
        as decimal(28, 6)
    )
{%- endmacro %}
