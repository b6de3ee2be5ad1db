{#- True while the pipeline adds documents to tables that are kept (pipeline/increment.py). It says so in the environment, and
    only when SQL is rendered: a variable of dbt's command line, or one asked while it parses, would have dbt parse the
    whole project again at each change from one kind of build to the other. -#}
{% macro only_new_documents() -%}
    {{ return(execute and env_var('YUSUAN_ONLY_NEW_DOCUMENTS', '') == 'true') }}
{%- endmacro %}

{#- dbt asks this before it adds to an incremental table. Only the pipeline can tell that the other rows are still right, so
    that plain dbt rebuilds every table. In the place of dbt's macro of this name. -#}
{% macro should_full_refresh() -%}
    {%- set configured = config.get('full_refresh') -%}
    {{ return(configured if configured is not none else flags.FULL_REFRESH or not only_new_documents()) }}
{%- endmacro %}
