{#- Schemas carry the plain names of the layers (marts, quality …): one file is one warehouse, so no prefix is needed. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
