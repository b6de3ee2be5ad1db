{#- A percentage worked out in doubles, rounded half up to four decimals: as a decimal, see round_to. -#}
{% macro round_percent(number) -%}
    round(cast({{ number }} as decimal(38, 10)), 4)
{%- endmacro %}
