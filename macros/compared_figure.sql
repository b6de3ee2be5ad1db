{#- A printed amount as one side of a comparison, for amounts_in_unit and finding_of_numbers: the columns <side>_printed, _scale,
    _yuan and _locator, for side a also its unit, for side b also half of its last digit. With `beside` (the relation of
    side a) b is shown with its unit where that is another one. In: `relation`, a relation of facts with amount_printed,
    amount_unit, amount_scale, amount_yuan and source_locator. -#}
{% macro compared_figure(side, relation, beside=none) -%}
    {% if beside is none -%}
    {{ relation }}.amount_printed as {{ side }}_printed,
    {%- else -%}
    {{ printed_beside(relation ~ '.amount_printed', relation ~ '.amount_unit', beside ~ '.amount_unit') }}
        as {{ side }}_printed,
    {%- endif %}
    {% if side == 'a' -%}
    {{ relation }}.amount_unit as a_unit,
    {%- else -%}
    {{ half_last_digit(relation ~ '.amount_yuan', relation ~ '.amount_scale', relation ~ '.amount_unit') }} as b_half_digit,
    {%- endif %}
    {{ relation }}.amount_scale as {{ side }}_scale,
    {{ relation }}.amount_yuan as {{ side }}_yuan,
    {{ relation }}.source_locator as {{ side }}_locator
{%- endmacro %}
