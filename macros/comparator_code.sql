{#- Comparator code (>=, <=, >, <, =, approx) of a printed sign or word; null if it is none. -#}
{% macro comparator_code(expr) -%}
    case
        {%- for code in ['>=', '<=', '>', '<', '=', 'approx'] %}
        when {{ rx_matches(expr, '^(?:' ~ comparison_words(code) ~ ')$') }} then '{{ code }}'
        {%- endfor %}
    end
{%- endmacro %}
