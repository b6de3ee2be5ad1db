{#- A text without any white space: what two printings of one name have in common. -#}
{% macro remove_white_space(expr) -%}
    translate({{ expr }}, {{ white_space() }}, '')
{%- endmacro %}
