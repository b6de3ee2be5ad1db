{#- A sum of printed amounts as side b of a comparison, for amounts_in_unit and finding_of_numbers; an aggregate. It is printed
    nowhere: b_printed is null. In: yuan, its scale and half of its last digit, where it stands and the order of places. -#}
{% macro compared_sum(position, yuan='amount_yuan', scale='amount_scale', half_digit='half_digit', locator='source_locator') -%}
    cast(null as string) as b_printed,
    cast(sum({{ half_digit }}) as decimal(38, 8)) as b_half_digit,
    max({{ scale }}) as b_scale,
    cast(sum({{ yuan }}) as decimal(38, 2)) as b_yuan,
    {{ locator_span(locator, position) }} as b_locator
{%- endmacro %}
