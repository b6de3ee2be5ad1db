{#- Half of the last printed digit of an amount, in yuan: what its rounding may hide. A printed 0 is exact. -#}
{% macro half_last_digit(yuan, scale, unit) -%}
    case
        when {{ yuan }} = 0 then cast(0 as decimal(20, 8))
        else cast(5 * power(10, -1 - {{ scale }}) * {{ amount_unit_factor(unit) }} as decimal(20, 8))
    end
{%- endmacro %}
