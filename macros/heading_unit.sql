{#- The money unit that a heading names in brackets (预算金额（万元）): '亿元', '万元', '元', else null. -#}
{% macro heading_unit(expr) -%}
    nullif(regexp_extract({{ normalise_printed(expr) }}, '[(](亿元|万元|元)[)]', 1), '')
{%- endmacro %}
