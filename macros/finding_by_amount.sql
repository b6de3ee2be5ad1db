{#- Findings of a comparison of two amounts of money: finding_by_number in the unit of the first one. As CTEs and the last
    select of a model: `with …, compared as (…) {{ finding_by_amount('compared') }}`.
    In: as finding_by_number, but a_yuan, a_scale, a_unit and b_yuan, b_half_digit (half of the last digits of the parts of b,
        in yuan, added up) in place of the numbers, of value_unit and of the tolerance. -#}
{% macro finding_by_amount(relation) -%}
, in_unit as (
    select
        *,
        a_unit as value_unit,
        {{ amount_in_unit('a_yuan', 'a_unit') }} as a_number,
        {{ amount_in_unit('b_yuan', 'a_unit') }} as b_number,
        {{ amount_in_unit(half_last_digit('a_yuan', 'a_scale', 'a_unit') ~ ' + b_half_digit', 'a_unit') }} as tolerance
    from {{ relation }}
)

{{ finding_by_number('in_unit') }}
{%- endmacro %}
