{#- A raw text without white space at its ends; null if nothing is left. Line breaks between items inside stay. -#}
{% macro clean_text(expr) -%}
    nullif(trim(both {{ white_space() }} from {{ expr }}), '')
{%- endmacro %}
