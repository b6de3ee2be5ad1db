{#- A text without the first place where the pattern is found. Patterns as in rx_matches, without groups that capture:
    the engines write those differently in a replacement, and Spark replaces every place. -#}
{% macro rx_remove_first(expr, pattern) -%}
    {{ return(adapter.dispatch('rx_remove_first')(expr, pattern)) }}
{%- endmacro %}

{% macro default__rx_remove_first(expr, pattern) -%}
    regexp_replace({{ expr }}, '{{ pattern }}', '')
{%- endmacro %}

{% macro spark__rx_remove_first(expr, pattern) -%}
    regexp_replace({{ expr }}, '(?s)^(.*?)(?:{{ pattern }})', '$1')
{%- endmacro %}
