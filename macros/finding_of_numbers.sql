{#- The finding_columns of a comparison of two numbers in one unit: 'rounding' within the tolerance, 'contradiction' above it,
    'not_checkable' where b lacks a part (is_complete is false). The model selects them where a_number <> b_number.
    In: finding_code, document_id, form_no, fact_table, fact_key, subject, note, value_unit,
        a_printed, a_number, a_locator, b_printed (null: b is worked out and is shown with b_scale decimals, all that it
        has if that is null), b_number, b_scale, b_locator, tolerance (in value_unit), is_complete. -#}
{% macro finding_of_numbers() -%}
    {{ finding_columns(
        code='finding_code',
        outcome="case
            when not is_complete then 'not_checkable'
            when abs(a_number - b_number) <= tolerance then 'rounding'
            else 'contradiction'
        end",
        subject='subject',
        fact_table='fact_table',
        fact_key='fact_key',
        value_a='a_printed',
        value_b='coalesce(b_printed, case when b_scale is null then ' ~ print_number('b_number')
        ~ ' else ' ~ print_number('b_number', 'b_scale') ~ ' end)',
        value_unit='value_unit',
        difference='a_number - b_number',
        tolerance='tolerance',
        locator_a='a_locator',
        locator_b='b_locator',
        note='note'
    ) }}
{%- endmacro %}
