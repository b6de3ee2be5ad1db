{#- The first complete date that a text names (2023-12-31, 2023年12月31日, 2023.12.31, 2023/12/31); null if none. -#}
{% macro date_printed(expr) -%}
    {%- set day = '([0-9]{4}) *[-年./] *([0-9]{1,2}) *[-月./] *([0-9]{1,2})' -%}
    try_cast(
        concat(
            regexp_extract({{ to_halfwidth(expr) }}, '{{ day }}', 1), '-',
            lpad(regexp_extract({{ to_halfwidth(expr) }}, '{{ day }}', 2), 2, '0'), '-',
            lpad(regexp_extract({{ to_halfwidth(expr) }}, '{{ day }}', 3), 2, '0')
        ) as date
    )
{%- endmacro %}
