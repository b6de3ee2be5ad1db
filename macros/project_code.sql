{#- A code cell without white space, if it has the shape of a project code (21 digits and capitals), else null.
    Code cells also hold functional classes and serial numbers, so the shape decides, not the label. -#}
{% macro project_code(expr) -%}
    nullif(regexp_extract({{ remove_white_space(to_halfwidth(expr)) }}, '^([0-9A-Z]{21})$', 1), '')
{%- endmacro %}
