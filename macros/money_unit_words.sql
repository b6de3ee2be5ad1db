{#- The units of money that amounts are printed in, as an alternation for a pattern, traditional and formal characters
    too. What each is worth: amount_unit_factor. -#}
{% macro money_unit_words() -%}
    [百佰][万萬]元|[千仟]元|[万萬]元|[亿億]元|元
{%- endmacro %}
