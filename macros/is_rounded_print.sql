{#- True where one of two prints of an amount is the other one rounded: 3,121.42万元 beside 31,214,205.80元. Such figures agree.
    In: a_yuan, a_scale, a_unit, b_printed (with its unit, where that is another one), b_scale, b_yuan, b_half_digit. -#}
{% macro is_rounded_print() -%}
    (
        (a_scale <> b_scale or right(coalesce(b_printed, ''), 1) = '元')
        and abs(a_yuan - b_yuan) <= greatest({{ half_last_digit('a_yuan', 'a_scale', 'a_unit') }}, b_half_digit)
    )
{%- endmacro %}
