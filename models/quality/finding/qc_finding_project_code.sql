-- Grain: one row a finding on codes: project codes, and codes of classes against the names beside them.

with project as (
    select
        *,
        {{ project_code('project_code') }} as identity_code,
        {{ remove_white_space(to_halfwidth('project_code')) }} as code_text
    from {{ new_rows(ref('fct_project')) }}
    where project_code is not null
),

-- Only codes of the second shape (type letter at place 9), and of them only the letter for which the rule was observed.
checked as (
    select
        *,
        {{ project_code_check('identity_code') }} as expected_character,
        substring(identity_code, 21, 1) as printed_character
    from project
    where {{ rx_matches('identity_code', '^[0-9]{8}P[0-9]{11}[0-9A-Z]$') }}
),

function_class as (
    select
        class_code,
        min(class_level) as class_level,
        -- A code that has had several names has none here: the name is only to show what the code looks like.
        case when min(class_name) = max(class_name) then min(class_name) end as class_name
    from {{ ref('function_class') }}
    group by class_code
),

as_class as (
    select
        project.*,
        function_class.class_name
    from project
    inner join function_class as lei on left(project.code_text, 3) = lei.class_code
    left join function_class on project.code_text = function_class.class_code
    where {{ rx_matches('project.code_text', '^[0-9]{7}$') }} and lei.class_level = 1
),

repeated as (
    select
        document_id,
        identity_code,
        count(*) as project_count,
        min(form_no) as form_no,
        min_by(fct_project_key, form_no) as fact_key,
        min_by(project_name, form_no) as first_name,
        max_by(project_name, form_no) as last_name,
        min_by(source_locator, form_no) as first_locator,
        max_by(source_locator, form_no) as last_locator
    from project
    where identity_code is not null
    group by document_id, identity_code
    having count(*) > 1
),

-- Running numbers of one unit: same length, same six digits before.
running as (
    select
        document_id,
        form_no,
        fct_project_key,
        project_name,
        code_text,
        source_locator,
        cast(code_text as bigint) as number,
        lag(cast(code_text as bigint)) over (
            partition by document_id, left(code_text, 6) order by code_text nulls last
        ) as before_number,
        lag(code_text) over (partition by document_id, left(code_text, 6) order by code_text nulls last) as before_text,
        lag(source_locator) over (
            partition by document_id, left(code_text, 6) order by code_text nulls last
        ) as before_locator
    from project
    where {{ rx_matches('code_text', '^[0-9]{9}$') }}
),

class_list as (
    select
        'function' as class_type,
        class_code,
        class_name,
        edition_from,
        edition_to,
        confidence
    from {{ ref('function_class') }}
    union all
    select
        class_type,
        class_code,
        class_name,
        edition_from,
        edition_to,
        confidence
    from {{ ref('economic_class') }}
),

class_row as (
    select
        document_id,
        form_no,
        fiscal_year,
        class_type,
        class_code,
        class_name_printed,
        row_no,
        {{ normalise_printed('class_name_printed') }} as name,
        min(fct_budget_line_key) as fact_key,
        min_by(source_locator, column_no) as source_locator
    from {{ new_rows(ref('fct_budget_line')) }}
    where class_code_printed is not null and class_name_printed is not null and class_level is not null
    group by
        document_id, form_no, fiscal_year, class_type, class_code, class_name_printed, row_no,
        {{ normalise_printed('class_name_printed') }}
),

-- Every name of the list counts, of whatever edition; a difference counts only where a verified name is valid in the
-- year.
named as (
    select
        class_row.document_id,
        class_row.form_no,
        class_row.fact_key,
        class_row.class_code,
        class_row.class_name_printed,
        class_row.source_locator,
        max(
            case
                when
                    class_list.confidence = 'verified'
                    and class_row.fiscal_year >= coalesce(class_list.edition_from, class_row.fiscal_year)
                    and class_row.fiscal_year <= coalesce(class_list.edition_to, class_row.fiscal_year)
                    then class_list.class_name
            end
        ) as verified_name,
        max(case when class_row.name = {{ normalise_printed('class_list.class_name') }} then 1 else 0 end) as is_in_list
    from class_row
    inner join class_list
        on class_row.class_type = class_list.class_type and class_row.class_code = class_list.class_code
    group by
        class_row.document_id, class_row.form_no, class_row.fact_key, class_row.class_code,
        class_row.class_name_printed, class_row.source_locator
),

-- Forms that print rows of several bodies repeat their classes rightly.
with_bodies as (
    select distinct
        document_id,
        form_no
    from {{ new_rows(ref('fct_budget_line')) }}
    where is_total and class_code is null
),

class_repeated as (
    select
        class_row.document_id,
        class_row.form_no,
        class_row.class_code,
        min_by(class_row.fact_key, class_row.row_no) as fact_key,
        min_by(class_row.class_name_printed, class_row.row_no) as first_name,
        max_by(class_row.class_name_printed, class_row.row_no) as last_name,
        min_by(class_row.source_locator, class_row.row_no) as first_locator,
        max_by(class_row.source_locator, class_row.row_no) as last_locator
    from class_row
    left join with_bodies
        on class_row.document_id = with_bodies.document_id and class_row.form_no = with_bodies.form_no
    where with_bodies.form_no is null
    group by class_row.document_id, class_row.form_no, class_row.class_type, class_row.class_code
    having count(*) > 1
)

select
    {{ finding_columns(
        code="'project_code_check_character'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project'",
        fact_key='fct_project_key',
        value_a='identity_code',
        value_b='expected_character',
        locator_a='source_locator'
    ) }}
from checked
where printed_character <> coalesce(expected_character, '')
union all
select
    {{ finding_columns(
        code="'project_code_is_class'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project'",
        fact_key='fct_project_key',
        value_a='project_code',
        value_b='class_name',
        locator_a='source_locator'
    ) }}
from as_class
union all
select
    {{ finding_columns(
        code="'project_code_repeated'",
        outcome="'contradiction'",
        subject='identity_code',
        fact_table="'fct_project'",
        fact_key='fact_key',
        value_a='first_name',
        value_b='last_name',
        locator_a='first_locator',
        locator_b='last_locator',
        note='project_count'
    ) }}
from repeated
union all
select
    {{ finding_columns(
        code="'project_code_gap'",
        outcome="'not_checkable'",
        subject='project_name',
        fact_table="'fct_project'",
        fact_key='fct_project_key',
        value_a='before_text',
        value_b='code_text',
        locator_a='before_locator',
        locator_b='source_locator'
    ) }}
from running
where number - before_number between 2 and 9
union all
select
    {{ finding_columns(
        code="'class_name_differs'",
        outcome="'contradiction'",
        subject='class_code',
        fact_table="'fct_budget_line'",
        fact_key='fact_key',
        value_a='class_name_printed',
        value_b='verified_name',
        locator_a='source_locator'
    ) }}
from named
where verified_name is not null and is_in_list = 0
union all
select
    {{ finding_columns(
        code="'class_code_repeated'",
        outcome="'contradiction'",
        subject='class_code',
        fact_table="'fct_budget_line'",
        fact_key='fact_key',
        value_a='first_name',
        value_b='last_name',
        locator_a='first_locator',
        locator_b='last_locator'
    ) }}
from class_repeated
