-- Grain: one row a finding on a document or form as such.
-- Masks, an inferred year, what was not understood, titles and notes.

with document as (
    select *
    from {{ new_rows(ref('dim_document')) }}
),

masked_cell as (
    select
        document_id,
        source_locator,
        row_number() over (partition by document_id order by block_no nulls last) as place,
        count(*) over (partition by document_id) as cell_count
    from {{ new_rows(ref('stg_cell')) }}
    where {{ is_masked('cell_text') }}
),

masked as (
    select
        document_id,
        max(cell_count) as cell_count,
        concat_ws(
            ', ',
            max(case when place = 1 then source_locator end),
            max(case when place = 2 then source_locator end),
            max(case when place = 3 then source_locator end)
        ) as source_locator
    from masked_cell
    group by document_id
),

unknown_column as (
    select
        document_id,
        form_no,
        count(*) as column_count,
        min_by(header_printed, column_no) as header_printed,
        min(source_locator) as source_locator
    from {{ new_rows(ref('qc_form_column_unknown')) }}
    group by document_id, form_no
),

unclaimed as (
    select
        document_id,
        count(*) as unclaimed_count,
        min_by(left(cell_text, 40), block_no) as unclaimed_sample,
        {{ locator_span('source_locator', 'block_no') }} as source_locator
    from {{ new_rows(ref('qc_unclaimed')) }}
    group by document_id
),

empty_form as (
    select
        document_id,
        form_no,
        form_title_printed,
        note_printed,
        source_locator,
        -- Which fund each of the two names; null for none or several.
        {{ only_fund('form_title_printed') }} as title_fund,
        {{ only_fund('note_printed') }} as note_fund
    from {{ new_rows(ref('int_form_attributed')) }}
    where is_declared_empty and note_printed is not null
),

-- The title of a form is the name of its project, perhaps with a number and a body before it, and the kind of form
-- behind.
title as (
    select
        form.document_id,
        form.form_no,
        form.form_title_printed,
        form.source_locator,
        coalesce(project.project_name, evaluation.project_name) as project_name,
        coalesce(project.fct_project_key, evaluation.fct_project_evaluation_key) as fact_key,
        case when project.fct_project_key is null then 'fct_project_evaluation' else 'fct_project' end as fact_table,
        coalesce(project.source_locator, evaluation.source_locator) as name_locator,
        {{ remove_white_space(normalise_printed('form.form_title_printed')) }} as title_text,
        {{ remove_white_space(normalise_printed('coalesce(project.project_name, evaluation.project_name)')) }}
            as name_text
    from {{ new_rows(ref('int_form_attributed')) }} as form
    left join {{ new_rows(ref('fct_project')) }} as project
        on form.document_id = project.document_id and form.form_no = project.form_no
    left join {{ new_rows(ref('fct_project_evaluation')) }} as evaluation
        on form.document_id = evaluation.document_id and form.form_no = evaluation.form_no
    where form.form_kind in ('project_target', 'evaluation') and form.form_title_printed is not null
),

titled as (
    select
        *,
        substring(title_text, instr(title_text, name_text) + length(name_text)) as behind_name
    from title
    where
        name_text is not null
        -- A title that says what kind of form it is and no more names no project.
        and not {{ rx_matches(
            "regexp_replace(title_text, '^(附[件表]?)?[(]?[一二三四五六七八九十0-9]{1,3}[)]?[、.:]', '')",
            '^(?:[0-9]{4}年度?)?(?:财政|预算|部门预算)?(?:项目)?(?:支出)?绩效(?:目标|自评价?|评价)(?:填报|申报)?表$'
        ) }}
)

select
    {{ finding_columns(
        code="'text_masked'",
        outcome="'not_checkable'",
        subject="cast(cell_count as string)",
        form_no='null',
        value_a='cell_count',
        locator_a='source_locator'
    ) }}
from masked
union all
select
    {{ finding_columns(
        code="'fiscal_year_inferred'",
        outcome="'not_checkable'",
        subject='title',
        fact_table="'dim_document'",
        fact_key='document_id',
        form_no='null',
        value_a='fiscal_year',
        locator_a='fiscal_year_locator'
    ) }}
from document
where fiscal_year_source = 'inferred'
union all
select
    {{ finding_columns(
        code="'column_unknown'",
        outcome="'not_checkable'",
        subject='header_printed',
        value_a='column_count',
        locator_a='source_locator'
    ) }}
from unknown_column
union all
select
    {{ finding_columns(
        code="'content_unclaimed'",
        outcome="'not_checkable'",
        subject="coalesce(unclaimed_sample, '')",
        form_no='null',
        value_a='unclaimed_count',
        locator_a='source_locator'
    ) }}
from unclaimed
union all
select
    {{ finding_columns(
        code="'empty_form_other_fund'",
        outcome="'contradiction'",
        subject='form_title_printed',
        value_a='form_title_printed',
        value_b='note_printed',
        locator_a='source_locator'
    ) }}
from empty_form
where title_fund <> note_fund
union all
select
    {{ finding_columns(
        code="'title_against_name'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table='fact_table',
        fact_key='fact_key',
        value_a='form_title_printed',
        value_b='project_name',
        locator_a='source_locator',
        locator_b='name_locator'
    ) }}
from titled
where
    instr(title_text, name_text) = 0
    or not {{ rx_matches(
        'behind_name', '^(?:预算项目绩效表|(?:项目)?(?:支出)?(?:绩效)?(?:目标|自评价?|评价)(?:填报|申报)?表|绩效表)$'
    ) }}
