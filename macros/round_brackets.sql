{#- Half-width text in which brackets of any kind are round ones, one for one, so that lengths stay. -#}
{% macro round_brackets(expr) -%}
    translate({{ to_halfwidth(expr) }}, '[]【】〔〕', '()()()')
{%- endmacro %}
