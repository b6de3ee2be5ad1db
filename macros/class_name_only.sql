{#- A name of a class as two prints of it can be compared: without white space, 其它 as 其他, without 支出 behind it. -#}
{% macro class_name_only(expr) -%}
    regexp_replace(replace({{ remove_white_space(round_brackets(expr)) }}, '其它', '其他'), '支出$', '')
{%- endmacro %}
