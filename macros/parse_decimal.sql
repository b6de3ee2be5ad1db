{#- The number that a cell prints, as decimal(38,8); its unit is left aside (see printed_unit).
    Null for '', '-', '—', '无', prose, and for anything that is not exactly one number. More than 8 decimals are rounded. -#}
{% macro parse_decimal(expr) -%}
    try_cast(nullif({{ number_core(expr) }}, '') as decimal(38, 8))
{%- endmacro %}
