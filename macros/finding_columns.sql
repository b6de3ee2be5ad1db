{#- The columns that every family of findings returns, in one order, so that qc_finding only unites them.
    Arguments are SQL expressions; document_id is taken from the relation. -#}
{% macro finding_columns(
    code, outcome, subject,
    fact_table='null', fact_key='null', form_no='form_no',
    value_a='null', value_b='null', value_unit='null', difference='null', tolerance='null',
    locator_a='null', locator_b='null', note='null'
) -%}
    cast({{ code }} as string) as finding_code,
    cast({{ outcome }} as string) as outcome,
    document_id,
    cast({{ form_no }} as integer) as form_no,
    cast({{ fact_table }} as string) as fact_table,
    cast({{ fact_key }} as string) as fact_key,
    cast({{ subject }} as string) as subject,
    cast({{ value_a }} as string) as value_a,
    cast({{ value_b }} as string) as value_b,
    cast({{ value_unit }} as string) as value_unit,
    cast({{ difference }} as decimal(28, 6)) as difference,
    cast({{ tolerance }} as decimal(28, 6)) as tolerance,
    cast({{ locator_a }} as string) as locator_a,
    cast({{ locator_b }} as string) as locator_b,
    cast({{ note }} as string) as note
{%- endmacro %}
