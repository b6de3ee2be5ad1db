{#- Text that number_pattern matched, with an optional sign, as decimal(38,8); null for ''. -#}
{% macro to_number(expr) -%}
    try_cast(translate({{ expr }}, ',+', '') as decimal(38, 8))
{%- endmacro %}
