{#- What finding_of_numbers asks of two amounts of money, in the unit of the first: value_unit, a_number, b_number, tolerance.
    In: a_yuan, a_scale, a_unit, b_yuan, b_half_digit (half of the last digits of the parts of b, in yuan, added up). -#}
{% macro amounts_in_unit() -%}
    {%- set half_digits = half_last_digit('a_yuan', 'a_scale', 'a_unit') ~ ' + b_half_digit' -%}
    a_unit as value_unit,
    {{ amount_in_unit('a_yuan', 'a_unit') }} as a_number,
    {{ amount_in_unit('b_yuan', 'a_unit') }} as b_number,
    {{ amount_in_unit(half_digits, 'a_unit') }} as tolerance
{%- endmacro %}
