{#- True where the pattern is found anywhere in the text. Patterns must read the same in RE2 and in Java:
    write [0-9] and [.] instead of backslash escapes, and anchor with ^ and $ where the whole text is meant. -#}
{% macro rx_matches(expr, pattern) -%}
    {{ return(adapter.dispatch('rx_matches')(expr, pattern)) }}
{%- endmacro %}

{% macro default__rx_matches(expr, pattern) -%}
    regexp_matches({{ expr }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__rx_matches(expr, pattern) -%}
    (({{ expr }}) rlike '{{ pattern }}')
{%- endmacro %}
