{#- True where a published text hides part of itself behind ** or ××. A masked name says only what it prints. -#}
{% macro is_masked(expr) -%}
    coalesce({{ rx_matches(expr, '[*＊][*＊]|[×╳][×╳]') }}, false)
{%- endmacro %}
