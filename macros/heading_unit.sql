{#- The money unit that a heading names in brackets (预算金额（万元）): 万元, 千元 …, else null. -#}
{% macro heading_unit(expr) -%}
    {%- set in_brackets = '[(](?:金额)?(?:单位:)?(?:人民币)?(' ~ money_unit_words() ~ ')[)]' -%}
    {{ money_unit_name("regexp_extract(" ~ normalise_printed(expr) ~ ", '" ~ in_brackets ~ "', 1)") }}
{%- endmacro %}
