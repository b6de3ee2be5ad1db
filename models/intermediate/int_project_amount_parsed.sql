-- Grain: one row a project of a document.
-- The four amounts of a project: from their cells, else from the figures at the head of the sentence of purpose
-- (预算数50万元，财政资金50万元（本级资金50万元）). Each figure keeps ITS OWN printed unit: 预算数20万元。其中：财政资金20元
-- is read as printed, never repaired; the contradiction is a finding.
{{ config(materialized='incremental') }}

{%- set number = '[0-9０-９](?:[0-9０-９,，.．]*[0-9０-９])?' %}
{%- set unit = '(?:' ~ money_unit_words() ~ ')?' %}
{%- set is = '(?:为|[:：])?' %}
{%- set part = '(?:财政资金|财政拨款|(?:本级|上级|中央|省级|市级|县级|区级|其他|自有|单位)资金)' %}
{%- set between = '[，,。.；;、（）()]*(?:其中)?[:：，,]?' %}
{%- set figures = {'budget': '预算数', 'fiscal': '财政资金', 'local': '本级资金', 'other': '其他资金'} %}

with sentence as (
    select
        project.*,
        form.amount_unit as form_unit,
        project.budget_printed is null
        and project.fiscal_printed is null
        and project.local_printed is null
        and project.other_printed is null as is_in_sentence,
        regexp_extract(
            {{ remove_white_space('project.purpose_printed') }},
            '(预算数{{ is }}{{ number }}{{ unit }}(?:{{ between }}{{ part }}{{ is }}{{ number }}{{ unit }})*)',
            1
        ) as head
    from {{ new_rows(ref('stg_project')) }} as project
    inner join {{ ref('int_form_attributed') }} as form
        on project.document_id = form.document_id and project.form_no = form.form_no
),

figure as (
    select
        document_id,
        form_no,
        form_unit,
        {% for name, label in figures.items() -%}
            case
                when is_in_sentence then nullif(regexp_extract(head, '{{ label }}{{ is }}({{ number }})', 1), '')
                else {{ name }}_printed
            end as {{ name }}_printed,
            case
                when is_in_sentence
                    then {{ money_unit_name(
                        "regexp_extract(head, '" ~ label ~ is ~ number ~ "(" ~ money_unit_words() ~ ")', 1)"
                    ) }}
                else {{ printed_unit(name ~ '_printed') }}
            end as {{ name }}_own_unit,
        {% endfor -%}
        is_in_sentence and head <> '' as is_in_sentence
    from sentence
),

united as (
    select
        document_id,
        form_no,
        {% for name in figures -%}
            {{ name }}_printed,
            case
                when {{ name }}_printed is not null then coalesce({{ name }}_own_unit, form_unit)
            end as {{ name }}_unit,
        {% endfor -%}
        is_in_sentence
    from figure
)

select
    document_id,
    form_no,
    {% for name in figures -%}
        {{ name }}_printed,
        {{ name }}_unit,
        cast({{ printed_scale(name ~ '_printed') }} as integer) as {{ name }}_scale,
        {{ amount_yuan(parse_decimal(name ~ '_printed'), name ~ '_unit') }} as {{ name }}_yuan,
    {% endfor -%}
    case
        when is_in_sentence then 'sentence'
        when coalesce(budget_printed, fiscal_printed, local_printed, other_printed) is not null then 'cell'
    end as amount_source
from united
