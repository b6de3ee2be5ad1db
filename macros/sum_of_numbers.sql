{#- Sum or difference of two parsed numbers, again as decimal(38,8). They are narrowed before: of two decimal(38,8) Spark
    makes decimal(38,7). -#}
{% macro sum_of_numbers(one, sign, other) -%}
    cast(try_cast({{ one }} as decimal(30, 8)) {{ sign }} try_cast({{ other }} as decimal(30, 8)) as decimal(38, 8))
{%- endmacro %}
