{#- The first year that a text names (1990 to 2099), as integer; null if none. -#}
{% macro year_printed(expr) -%}
    cast(nullif(regexp_extract({{ to_halfwidth(expr) }}, '((?:199|20[0-9])[0-9])', 1), '') as integer)
{%- endmacro %}
