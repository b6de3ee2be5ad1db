{#- How many decimals a cell prints ('9286.50' has 2, '1,174' has 0): the tolerance of every sum check follows from it.
    Null where parse_decimal is null. -#}
{% macro printed_scale(expr) -%}
    length(regexp_extract(nullif({{ number_core(expr) }}, ''), '^[^.]*[.]?([0-9]*)$', 1))
{%- endmacro %}
