{#- A number as text for a message: with `scale` decimals (0 to 6), or without trailing zeros if no scale is given. -#}
{% macro print_number(number, scale=none) -%}
    {%- set text = 'cast(cast(' ~ number ~ ' as decimal(28, 6)) as string)' -%}
    {%- if scale is none -%}
        regexp_replace({{ text }}, '[.]?0+$', '')
    {%- else -%}
        left({{ text }}, length({{ text }}) - case when {{ scale }} = 0 then 7 when {{ scale }} < 6 then 6 - {{ scale }} else 0 end)
    {%- endif -%}
{%- endmacro %}
