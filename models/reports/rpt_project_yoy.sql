-- Grain: one row a project, measure and year, beside the same project of the year before.
-- The same project is one with the same code, else with the same unit and name; masked names never match. Projects that
-- only the year before prints are rows as well, where the unit published projects for the year.

with target_measure as (
    select 'budget' as measure_code
    union all
    select 'fiscal' as measure_code
    union all
    select 'local' as measure_code
    union all
    select 'other' as measure_code
),

evaluation_measure as (
    select 'initial_budget' as measure_code
    union all
    select 'annual_budget' as measure_code
    union all
    select 'executed' as measure_code
),

amount as (
    select
        project.project_key,
        project.project_code,
        project.project_name,
        project.unit_key,
        project.report_scope,
        project.phase,
        project.fiscal_year,
        project.document_id,
        project.form_no,
        project.source_locator,
        measure.measure_code,
        case measure.measure_code
            when 'budget' then project.budget_yuan
            when 'fiscal' then project.fiscal_yuan
            when 'local' then project.local_yuan
            when 'other' then project.other_yuan
        end as amount_yuan
    from {{ ref('fct_project') }} as project
    cross join target_measure as measure
    union all
    select
        evaluation.project_key,
        evaluation.project_code,
        evaluation.project_name,
        evaluation.unit_key,
        evaluation.report_scope,
        evaluation.phase,
        evaluation.fiscal_year,
        evaluation.document_id,
        evaluation.form_no,
        evaluation.source_locator,
        measure.measure_code,
        case measure.measure_code
            when 'initial_budget' then evaluation.initial_budget_yuan
            when 'annual_budget' then evaluation.annual_budget_yuan
            when 'executed' then coalesce(evaluation.executed_yuan, evaluation.summary_amount_yuan)
        end as amount_yuan
    from {{ ref('fct_project_evaluation') }} as evaluation
    cross join evaluation_measure as measure
),

known as (
    select
        amount.*,
        dim_project.series_key,
        dim_project.is_masked,
        -- A project published twice for a year counts as its latest document prints it.
        first_value(amount.document_id) over (
            partition by
                dim_project.series_key, amount.unit_key, amount.report_scope, amount.phase, amount.measure_code,
                amount.fiscal_year
            order by document.loaded_at desc nulls last, document.file_name desc nulls last, amount.document_id asc
        ) as latest_document_id
    from amount
    inner join {{ ref('dim_project') }} as dim_project on amount.project_key = dim_project.project_key
    inner join {{ ref('dim_document') }} as document
        on amount.document_id = document.document_id and document.is_current
    where amount.fiscal_year is not null and amount.amount_yuan is not null
),

project as (
    select
        *,
        row_number() over (
            partition by series_key, unit_key, report_scope, phase, measure_code, fiscal_year
            order by form_no asc
        ) as occurrence_no
    from known
    where document_id = latest_document_id
),

line as (
    select
        project.*,
        {{ surrogate_key([
            'project.series_key', 'project.unit_key', 'project.report_scope', 'project.phase', 'project.measure_code',
            'project.occurrence_no'
        ]) }} as line_key
    from project
),

publication as (
    select distinct
        unit_key,
        report_scope,
        phase,
        measure_code,
        fiscal_year
    from line
),

-- Every project in every year that prints it, and in the year after.
spine as (
    select
        line_key,
        fiscal_year
    from line
    union
    select
        line_key,
        fiscal_year + 1 as fiscal_year
    from line
),

pair as (
    select
        spine.line_key,
        spine.fiscal_year,
        line.amount_yuan,
        line.document_id,
        line.source_locator,
        earlier.project_code as prior_project_code,
        earlier.project_name as prior_project_name,
        earlier.amount_yuan as prior_amount_yuan,
        earlier.document_id as prior_document_id,
        earlier.source_locator as prior_source_locator,
        coalesce(line.series_key, earlier.series_key) as series_key,
        coalesce(line.unit_key, earlier.unit_key) as unit_key,
        coalesce(line.report_scope, earlier.report_scope) as report_scope,
        coalesce(line.phase, earlier.phase) as phase,
        coalesce(line.measure_code, earlier.measure_code) as measure_code,
        coalesce(line.project_key, earlier.project_key) as project_key,
        case when line.line_key is null then earlier.project_code else line.project_code end as project_code,
        case when line.line_key is null then earlier.project_name else line.project_name end as project_name,
        coalesce(line.is_masked, earlier.is_masked) as is_masked,
        line.line_key is not null as is_in_year,
        earlier.line_key is not null as is_in_prior_year,
        coalesce(earlier.project_key <> line.project_key, false) as is_matched_by_name
    from spine
    left join line
        on spine.line_key = line.line_key and spine.fiscal_year = line.fiscal_year
    left join line as earlier
        on spine.line_key = earlier.line_key and spine.fiscal_year = earlier.fiscal_year + 1
),

compared as (
    select
        pair.*,
        case
            when pair.report_scope is null then 'break'
            when pair.is_in_year and pair.is_in_prior_year and pair.prior_amount_yuan = 0 then 'zero_base'
            when pair.is_in_year and pair.is_in_prior_year then 'comparable'
            else 'missing'
        end as comparability,
        case
            when pair.report_scope is null then 'scope_unknown'
            when pair.is_in_year and pair.is_in_prior_year and pair.prior_amount_yuan = 0 then 'prior_amount_zero'
            when pair.is_in_year and pair.is_in_prior_year then null
            when not pair.is_in_year then 'project_gone'
            when prior_publication.unit_key is null then 'prior_year_not_published'
            when pair.is_masked then 'masked_name'
            else 'project_new'
        end as break_reason
    from pair
    left join publication as own
        on
            pair.unit_key = own.unit_key
            and pair.report_scope is not distinct from own.report_scope
            and pair.phase is not distinct from own.phase
            and pair.measure_code = own.measure_code
            and pair.fiscal_year = own.fiscal_year
    left join publication as prior_publication
        on
            pair.unit_key = prior_publication.unit_key
            and pair.report_scope is not distinct from prior_publication.report_scope
            and pair.phase is not distinct from prior_publication.phase
            and pair.measure_code = prior_publication.measure_code
            and pair.fiscal_year = prior_publication.fiscal_year + 1
    where pair.is_in_year or own.unit_key is not null
)

select
    {{ surrogate_key(['compared.line_key', 'compared.fiscal_year']) }} as rpt_project_yoy_key,
    compared.line_key,
    compared.series_key,
    compared.unit_key,
    unit.unit_name,
    compared.report_scope,
    compared.phase,
    compared.project_key,
    compared.project_code,
    compared.project_name,
    compared.is_masked,
    compared.measure_code,
    compared.fiscal_year,
    compared.amount_yuan,
    compared.fiscal_year - 1 as prior_year,
    compared.prior_amount_yuan,
    compared.prior_project_code,
    compared.prior_project_name,
    case
        when compared.is_in_year and compared.is_in_prior_year
            then case when compared.is_matched_by_name then 'name' else 'key' end
    end as matched_by,
    {{ change_yuan('compared.amount_yuan', 'compared.prior_amount_yuan', 'compared.comparability') }} as change_yuan,
    {{ change_pct('compared.amount_yuan', 'compared.prior_amount_yuan', 'compared.comparability') }} as change_pct,
    compared.comparability,
    compared.break_reason,
    case when compared.is_in_prior_year then 'table' end as prior_source,
    compared.document_id,
    compared.source_locator,
    compared.prior_document_id,
    compared.prior_source_locator
from compared
inner join {{ ref('dim_unit') }} as unit on compared.unit_key = unit.unit_key
