{{ config(materialized='table', enabled=var('denied', false)) }}
{{ env_var('HISTORY') }}
