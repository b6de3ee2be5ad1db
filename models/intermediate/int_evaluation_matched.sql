-- Grain: one row a self-evaluation form that has its row in the summary of the same document.
-- Names decide: equal, else one contains the other (four characters or more, never a masked name), and only where
-- no other form or row could be meant. What names do not decide stays unmatched: amounts and scores are compared later.

with named as (
    select
        document_id,
        form_no,
        row_no,
        stage,
        is_masked,
        {{ normalise_printed('project_name') }} as name
    from {{ ref('int_project_identified') }}
    where stage in ('self_evaluation', 'summary')
),

exact_candidate as (
    select
        form.document_id,
        form.form_no,
        summary.form_no as summary_form_no,
        summary.row_no as summary_row_no,
        count(*) over (partition by form.document_id, form.form_no) as rows_of_form,
        count(*) over (partition by summary.document_id, summary.form_no, summary.row_no) as forms_of_row
    from named as form
    inner join named as summary
        on form.document_id = summary.document_id and form.name = summary.name
    where form.stage = 'self_evaluation' and summary.stage = 'summary'
),

exact as (
    select
        document_id,
        form_no,
        summary_form_no,
        summary_row_no
    from exact_candidate
    where rows_of_form = 1 and forms_of_row = 1
),

-- Ambiguous equal names take no part in containment either.
contained_candidate as (
    select
        form.document_id,
        form.form_no,
        summary.form_no as summary_form_no,
        summary.row_no as summary_row_no,
        count(*) over (partition by form.document_id, form.form_no) as rows_of_form,
        count(*) over (partition by summary.document_id, summary.form_no, summary.row_no) as forms_of_row
    from named as form
    inner join named as summary
        on
            form.document_id = summary.document_id
            and (instr(form.name, summary.name) > 0 or instr(summary.name, form.name) > 0)
    left join exact_candidate as taken_form
        on form.document_id = taken_form.document_id and form.form_no = taken_form.form_no
    left join exact_candidate as taken_row
        on
            summary.document_id = taken_row.document_id
            and summary.form_no = taken_row.summary_form_no
            and summary.row_no = taken_row.summary_row_no
    where
        form.stage = 'self_evaluation'
        and summary.stage = 'summary'
        and not form.is_masked
        and not summary.is_masked
        and length(form.name) >= 4
        and length(summary.name) >= 4
        and taken_form.form_no is null
        and taken_row.summary_row_no is null
)

select
    document_id,
    form_no,
    summary_form_no,
    summary_row_no,
    'exact' as match_method
from exact
union all
select
    document_id,
    form_no,
    summary_form_no,
    summary_row_no,
    'containment' as match_method
from contained_candidate
where rows_of_form = 1 and forms_of_row = 1
