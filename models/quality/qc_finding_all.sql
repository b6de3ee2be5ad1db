-- Grain: one row a comparison of two things that a document prints and that do not agree, or that nobody can check.
-- Both stand there as printed, with both places. No figure is corrected, and none is called the wrong one. A difference
-- of rounding that follows from another one points to it (caused_by); what has a cause of its own is in qc_finding.

{% set families = [
    'amount', 'budget_sum', 'cross_form', 'document', 'evaluation', 'indicator', 'narrative', 'narrative_class', 'procurement',
    'project_code', 'project_money', 'spending_plan', 'three_public',
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

-- Figures with their unit, unless they are printed with one.
shown as (
    select
        *,
        {% for value in ['value_a', 'value_b'] -%}
            {{ with_unit(value, 'value_unit') }} as {{ value | replace('value', 'shown') }},
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
),

complete as (
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
),

-- Differences of rounding between amounts, both in yuan.
rounding as (
    select
        finding_key,
        finding_code,
        document_id,
        form_no,
        fact_key,
        {{ parse_decimal('value_a') }} * {{ amount_unit_factor('value_unit') }} as a_yuan,
        ({{ parse_decimal('value_a') }} - difference) * {{ amount_unit_factor('value_unit') }} as b_yuan,
        difference * {{ amount_unit_factor('value_unit') }} as difference_yuan
    from complete
    where outcome = 'rounding' and {{ amount_unit_factor('value_unit') }} is not null
),

line as (
    select
        fct_budget_line_key,
        document_id,
        form_no,
        measure_code,
        class_code,
        amount_yuan,
        coalesce(side, '') as side
    from {{ ref('fct_budget_line') }}
    where amount_yuan is not null
),

-- A class that two forms print in two ways.
two_figures as (
    select
        rounding.*,
        line.class_code
    from rounding
    inner join line on rounding.fact_key = line.fct_budget_line_key
    where rounding.finding_code = 'cross_form_total'
),

-- A sum that misses by what the other figure of one of its classes would add.
explained_sum as (
    select
        rounding.finding_key,
        least(two_figures.a_yuan, two_figures.b_yuan) as low_yuan,
        greatest(two_figures.a_yuan, two_figures.b_yuan) as high_yuan,
        row_number() over (partition by rounding.finding_key order by two_figures.finding_key asc) as choice
    from rounding
    inner join line as total on rounding.fact_key = total.fct_budget_line_key
    inner join line as part
        on
            total.document_id = part.document_id
            and total.form_no = part.form_no
            and total.side = part.side
            and total.measure_code = part.measure_code
    inner join two_figures
        on part.document_id = two_figures.document_id and part.class_code = two_figures.class_code
    where
        rounding.finding_code in ('class_sum', 'class_total_sum', 'expenditure_line_total')
        and part.amount_yuan in (two_figures.a_yuan, two_figures.b_yuan)
        and rounding.difference_yuan = two_figures.a_yuan + two_figures.b_yuan - 2 * part.amount_yuan
),

-- One pair of figures is one cause, in however many forms, columns and sums it shows.
pair as (
    select
        rounding.finding_key,
        rounding.finding_code,
        rounding.document_id,
        rounding.form_no,
        coalesce(explained_sum.low_yuan, least(rounding.a_yuan, rounding.b_yuan)) as low_yuan,
        coalesce(explained_sum.high_yuan, greatest(rounding.a_yuan, rounding.b_yuan)) as high_yuan
    from rounding
    left join explained_sum on rounding.finding_key = explained_sum.finding_key and explained_sum.choice = 1
),

cause as (
    select
        finding_key,
        first_value(finding_key) over (
            partition by document_id, low_yuan, high_yuan
            order by
                case when finding_code = 'cross_form_total' then 0 else 1 end asc,
                coalesce(form_no, 999999) asc,
                finding_code asc,
                finding_key asc
        ) as first_key
    from pair
)

select
    complete.*,
    nullif(cause.first_key, complete.finding_key) as caused_by
from complete
left join cause on complete.finding_key = cause.finding_key
