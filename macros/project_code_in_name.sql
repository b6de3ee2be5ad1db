{#- The project code inside a printed project name, null if there is none. -#}
{% macro project_code_in_name(expr) -%}
    nullif(regexp_extract({{ project_code_prefix(expr) }}, '([0-9A-Z]{21})', 1), '')
{%- endmacro %}
