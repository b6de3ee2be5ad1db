{#- A unit of money that money_unit_words found in the one spelling of the reference list; null for ''. -#}
{% macro money_unit_name(expr) -%}
    translate(nullif({{ expr }}, ''), '萬億仟佰', '万亿千百')
{%- endmacro %}
