{#- A number rounded half up to so many decimals, 0 to 8, where the scale is a column, as decimal(28,8); null for another scale.
    Decimals are rounded, not doubles, of which the engines do not agree whether 96.775 is a tie; by constant scales alone. -#}
{% macro round_to(number, scale) -%}
    case {{ scale }}
        {%- for decimals in range(9) %}
        when {{ decimals }} then cast(round(cast({{ number }} as decimal(28, 8)), {{ decimals }}) as decimal(28, 8))
        {%- endfor %}
    end
{%- endmacro %}
