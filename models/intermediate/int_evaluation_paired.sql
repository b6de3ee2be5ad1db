-- Grain: one row a self-evaluation form and its row in the summary of the same document.
-- By name first (int_evaluation_matched). What names leave over is paired by its figures: the same score, and as amount
-- one of the form's own (executed, annual, initial), if that is true of one form and one row only.

with form_left as (
    select
        evaluation.document_id,
        evaluation.form_no,
        fund.initial_yuan,
        fund.annual_yuan,
        fund.executed_yuan,
        {{ parse_decimal('evaluation.total_score_printed') }} as score
    from {{ ref('stg_evaluation') }} as evaluation
    inner join {{ ref('int_evaluation_fund_typed') }} as fund
        on
            evaluation.document_id = fund.document_id
            and evaluation.form_no = fund.form_no
            and fund.fund_source_code = 'total'
    left join {{ ref('int_evaluation_matched') }} as matched
        on evaluation.document_id = matched.document_id and evaluation.form_no = matched.form_no
    where matched.form_no is null
),

row_left as (
    select
        summary.document_id,
        summary.form_no,
        summary.row_no,
        {{ parse_decimal('summary.score_printed') }} as score,
        {{ amount_yuan(
            parse_decimal('summary.amount_printed'),
            'coalesce(' ~ printed_unit('summary.amount_printed') ~ ', form.amount_unit)'
        ) }} as amount_yuan
    from {{ ref('stg_evaluation_summary') }} as summary
    inner join {{ ref('int_form_attributed') }} as form
        on summary.document_id = form.document_id and summary.form_no = form.form_no
    left join {{ ref('int_evaluation_matched') }} as matched
        on
            summary.document_id = matched.document_id
            and summary.form_no = matched.summary_form_no
            and summary.row_no = matched.summary_row_no
    where matched.form_no is null
),

candidate as (
    select
        form_left.document_id,
        form_left.form_no,
        row_left.form_no as summary_form_no,
        row_left.row_no as summary_row_no,
        count(*) over (partition by form_left.document_id, form_left.form_no) as rows_of_form,
        count(*) over (partition by row_left.document_id, row_left.form_no, row_left.row_no) as forms_of_row
    from form_left
    inner join row_left
        on
            form_left.document_id = row_left.document_id
            and form_left.score = row_left.score
            and (
                form_left.executed_yuan = row_left.amount_yuan
                or form_left.annual_yuan = row_left.amount_yuan
                or form_left.initial_yuan = row_left.amount_yuan
            )
)

select
    document_id,
    form_no,
    summary_form_no,
    summary_row_no,
    match_method
from {{ ref('int_evaluation_matched') }}
union all
select
    document_id,
    form_no,
    summary_form_no,
    summary_row_no,
    'figures' as match_method
from candidate
where rows_of_form = 1 and forms_of_row = 1
