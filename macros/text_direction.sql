{#- Which way a target in words points: 降低案发率 is 'lower', 有所提高 'higher'; null if it says both or neither. -#}
{% macro text_direction(expr) -%}
    {%- set down = '降低|减少|减轻|下降|压减|缩短' -%}
    {%- set up = '提高|提升|增加|增长|增强|改善|扩大' -%}
    case
        when {{ rx_matches(expr, down) }} and {{ rx_matches(expr, up) }} then null
        when {{ rx_matches(expr, down) }} then 'lower'
        when {{ rx_matches(expr, up) }} then 'higher'
    end
{%- endmacro %}
