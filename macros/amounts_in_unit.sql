{#- What finding_of_numbers asks of two amounts of money, in the unit of the first: value_unit, a_number, b_number, tolerance.
    In: a_yuan, a_scale, a_unit, b_yuan, b_half_digit (half of the last digits of the parts of b, in yuan, added up).
    `cut_off`, a condition: where it holds and one print is coarser than the other, the tolerance is one last digit of the
    coarser one, so that an amount cut off after it (87.70万元 for 877,080.00元) is as near as a rounded one. -#}
{% macro amounts_in_unit(cut_off='false') -%}
    {%- set half_digit = half_last_digit('a_yuan', 'a_scale', 'a_unit') -%}
    {%- set half_digits -%}
        case
            when {{ cut_off }} and {{ half_digit }} <> b_half_digit then 2 * greatest({{ half_digit }}, b_half_digit)
            else {{ half_digit }} + b_half_digit
        end
    {%- endset -%}
    a_unit as value_unit,
    {{ amount_in_unit('a_yuan', 'a_unit') }} as a_number,
    {{ amount_in_unit('b_yuan', 'a_unit') }} as b_number,
    {{ amount_in_unit(half_digits, 'a_unit') }} as tolerance
{%- endmacro %}
