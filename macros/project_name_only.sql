{#- A printed project name without the code before it. -#}
{% macro project_name_only(expr) -%}
    nullif(substring({{ expr }}, length({{ project_code_prefix(expr) }}) + 1), '')
{%- endmacro %}
