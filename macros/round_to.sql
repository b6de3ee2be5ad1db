{#- A number rounded to so many decimals, 0 to 8, where the scale is a column: Spark rounds to a constant scale alone. -#}
{% macro round_to(number, scale) -%}
    {{ return(adapter.dispatch('round_to')(number, scale)) }}
{%- endmacro %}

{% macro default__round_to(number, scale) -%}
    round({{ number }}, {{ scale }})
{%- endmacro %}

{% macro spark__round_to(number, scale) -%}
    case {{ scale }}
        {%- for decimals in range(9) %}
        when {{ decimals }} then round({{ number }}, {{ decimals }})
        {%- endfor %}
    end
{%- endmacro %}
