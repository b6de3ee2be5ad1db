{#- Pattern of an unsigned number after normalise_printed: 1174, 1,055.4, 0.04. At most 18 digits before the point,
    so that a number in 亿元 still fits decimal(38,8) once it is in yuan. No group inside: safe within a larger pattern. -#}
{% macro number_pattern() -%}
    (?:(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,18})(?:[.][0-9]+)?)
{%- endmacro %}
