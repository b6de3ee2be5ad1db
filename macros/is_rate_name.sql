{#- Whether an indicator's name says that its value is a percentage; 效率, 频率 and the like are no rates. -#}
{% macro is_rate_name(expr) -%}
    coalesce({{ rx_matches(expr, '(?:^|[^效频功速辨])率|满意度|占比|比例|比重|百分比|[(（][%％][)）]') }}, false)
{%- endmacro %}
