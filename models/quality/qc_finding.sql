-- Grain: one row a finding: two things that a document prints and that do not agree, or that nobody can check.
-- Both stand there as printed, with both places. No figure is corrected, and none is called the wrong one.

{% set families = [
    'budget_sum', 'cross_form', 'document', 'evaluation', 'indicator', 'narrative', 'procurement', 'project_code',
    'project_money', 'spending_plan', 'three_public',
] %}
{% set texts = {
    'subject': 'shown.subject',
    'a': 'shown.shown_a',
    'b': 'shown.shown_b',
    'diff': 'shown.shown_difference',
    'note': 'shown.note',
} %}

with finding as (
    {% for family in families -%}
        select * from {{ ref('qc_finding_' ~ family) }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
),

-- Figures with their unit, unless the print ends with it already.
shown as (
    select
        *,
        {% for value in ['value_a', 'value_b'] -%}
            concat(
                coalesce({{ value }}, ''),
                case when right({{ value }}, length(value_unit)) = value_unit then '' else coalesce(value_unit, '') end
            ) as {{ value | replace('value', 'shown') }},
        {% endfor -%}
        concat(coalesce({{ print_number('abs(difference)') }}, ''), coalesce(value_unit, '')) as shown_difference,
        concat(coalesce({{ print_number('tolerance') }}, ''), coalesce(value_unit, '')) as shown_tolerance
    from finding
),

worded as (
    select
        shown.*,
        type.identity,
        case when shown.outcome = 'contradiction' then type.severity else 'info' end as severity,
        {{ fill_in('type.message_zh', texts) }} as text_zh,
        {{ fill_in('type.message_en', texts) }} as text_en
    from shown
    inner join {{ ref('finding_type') }} as type on shown.finding_code = type.finding_code
)

select
    {{ surrogate_key([
        'worded.document_id', 'worded.finding_code', 'worded.form_no', 'worded.fact_key', 'worded.subject', 'worded.value_a',
        'worded.value_b', 'worded.locator_a', 'worded.locator_b'
    ]) }} as finding_key,
    worded.finding_code,
    worded.severity,
    worded.outcome,
    worded.identity,
    worded.document_id,
    coalesce(form.fiscal_year, document.fiscal_year) as fiscal_year,
    coalesce(form.unit_key, document.unit_key) as unit_key,
    worded.form_no,
    worded.fact_table,
    worded.fact_key,
    worded.subject,
    concat(
        coalesce('《' || form.form_title_printed || '》', ''),
        worded.text_zh,
        case
            when worded.outcome = 'rounding' then concat('；差额在四舍五入误差 ', worded.shown_tolerance, ' 以内')
            when worded.outcome = 'not_checkable' and worded.difference is not null then '；有未印出或未识别的部分，无法核对'
            else ''
        end
    ) as message,
    concat(
        coalesce('[' || form.form_title_printed || '] ', ''),
        worded.text_en,
        case
            when worded.outcome = 'rounding'
                then concat('; within the rounding of the printed digits, ', worded.shown_tolerance)
            when worded.outcome = 'not_checkable' and worded.difference is not null
                then '; a part is not printed or not known, so this cannot be checked'
            else ''
        end
    ) as message_en,
    worded.value_a,
    worded.value_b,
    worded.value_unit,
    worded.difference,
    worded.tolerance,
    worded.locator_a,
    worded.locator_b
from worded
inner join {{ ref('dim_document') }} as document on worded.document_id = document.document_id
left join {{ ref('int_form_attributed') }} as form
    on worded.document_id = form.document_id and worded.form_no = form.form_no
